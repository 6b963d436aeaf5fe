'use strict';
// Polls the board every three seconds while somebody can see it, and lets the ages tick.
(() => {
  const EVERY = 3000;
  const SLOWEST = 30000;
  const board = document.getElementById('live-board');
  const link = document.getElementById('live-link');
  let etag = board.dataset.etag;
  let ahead = 0; // how far this machine's clock is ahead of the server's, in ms
  let timer = null;
  let asking = false;
  let failures = 0;
  let heard = Date.now();

  const say = (text, kind) => {
    if (link.textContent !== text) link.textContent = text;
    link.className = `live-link live-link--${kind}`;
  };

  const words = (seconds) => {
    const minutes = Math.floor(seconds / 60);
    const two = (number) => String(number).padStart(2, '0');
    if (minutes >= 60) return `${Math.floor(minutes / 60).toLocaleString('en')} h ${two(minutes % 60)} min`;
    return minutes ? `${minutes} min ${two(seconds % 60)} s` : `${seconds} s`;
  };

  const tick = () => {
    const now = Date.now() - ahead;
    for (const age of board.querySelectorAll('[data-since]')) {
      const text = words(Math.max(0, Math.floor(now / 1000 - Number(age.dataset.since))));
      if (age.textContent !== text) age.textContent = text;
    }
  };

  const show = (html) => {
    const focused = board.contains(document.activeElement) ? document.activeElement.getAttribute('href') : null;
    board.innerHTML = html;
    clock();
    if (focused) board.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
  };

  const clock = () => {
    ahead = Date.now() - Number(board.querySelector('[data-now]').dataset.now) * 1000;
  };

  const ask = async () => {
    if (asking || document.hidden) return;
    asking = true;
    clearTimeout(timer);
    try {
      const answer = await fetch(board.dataset.url, {
        headers: { 'If-None-Match': etag }, cache: 'no-store', redirect: 'manual',
        signal: AbortSignal.timeout(10000),
      });
      if (answer.status === 200) {
        show(await answer.text());
        etag = answer.headers.get('ETag');
      } else if (answer.status !== 304) {
        throw new Error(answer.type === 'opaqueredirect' || answer.status === 403 ? 'login' : 'server');
      }
      failures = 0;
      heard = Date.now();
      say('Live: refreshed every 3 s', 'on');
    } catch (error) {
      failures += 1;
      if (error.message === 'login') say('Logged out: load the page again', 'off');
      else say(`The server cannot be reached; this is how it was at ${new Date(heard).toLocaleTimeString('en-GB')}`, 'off');
    }
    asking = false;
    next();
  };

  const next = () => {
    clearTimeout(timer);
    if (!document.hidden) timer = setTimeout(ask, Math.min(EVERY * (failures + 1), SLOWEST));
  };

  document.addEventListener('visibilitychange', () => {
    if (document.hidden) {
      clearTimeout(timer);
      say('Paused while this tab is hidden', 'off');
    } else {
      ask();
    }
  });

  clock();
  setInterval(tick, 1000);
  if (document.hidden) say('Paused while this tab is hidden', 'off');
  else say('Live: refreshed every 3 s', 'on');
  next();
})();
