'use strict';
// Sends what was written as JSON, with the method of the button, and shows what came back.
document.querySelector('form.write')?.addEventListener('submit', async (event) => {
  event.preventDefault();
  const form = event.target;
  const shown = form.querySelector('pre');
  const body = form.querySelector('textarea').value.trim();
  const headers = { Accept: 'application/json' };
  headers['X-CSRFToken'] = form.querySelector('[name=csrfmiddlewaretoken]').value;
  if (body) headers['Content-Type'] = 'application/json';
  const method = event.submitter.value;
  const answer = await fetch(form.action, { method, headers, body: body || undefined });
  shown.hidden = false;
  shown.textContent = `HTTP ${answer.status} ${answer.statusText}\n\n${await answer.text()}`;
});
