// Players: ten seconds back and on, and how fast. Payloads: copy. Without this the browser's own
// controls do, and text can be marked.
"use strict";

for (const player of document.querySelectorAll(".player")) {
  const audio = player.querySelector("audio");
  const acts = player.querySelector(".player__acts");
  if (!audio || !acts) continue;
  acts.hidden = false;
  for (const button of acts.querySelectorAll("[data-seek]")) {
    button.addEventListener("click", () => {
      const end = Number.isFinite(audio.duration) ? audio.duration : Infinity;
      const aim = audio.currentTime + Number(button.dataset.seek);
      audio.currentTime = Math.max(0, Math.min(end, aim));
    });
  }
  const speed = acts.querySelector("[data-speed]");
  speed.addEventListener("change", () => {
    audio.defaultPlaybackRate = audio.playbackRate = Number(speed.value);
  });
  audio.addEventListener("error", () => {
    if (player.querySelector(".player__error")) return;
    const told = document.createElement("p");
    told.className = "player__error error";
    told.setAttribute("role", "status");
    told.textContent = "The provider did not hand the recording out.";
    audio.after(told);
  });
}

for (const button of document.querySelectorAll("[data-copy]")) {
  const text = button.closest("details").querySelector("pre");
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(text.textContent);
      button.textContent = "Copied";
    } catch {
      getSelection().selectAllChildren(text); // not allowed: mark it, so that Ctrl-C takes it
      button.textContent = "Marked: press Ctrl-C";
    }
  });
}
