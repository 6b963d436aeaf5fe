'use strict';
// The list of calls: unfolding rows, a click anywhere on a row, dates that replace the period.
document.addEventListener('click', (event) => {
  const button = event.target.closest('.unfold');
  if (button) {
    const beneath = document.getElementById(button.getAttribute('aria-controls'));
    beneath.hidden = !beneath.hidden;
    button.setAttribute('aria-expanded', String(!beneath.hidden));
    return;
  }
  const row = event.target.closest('tr[data-href]');
  if (!row || event.target.closest('a, button, input, summary')) return;
  if (String(window.getSelection())) return; // somebody copies a number
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, '_blank', 'noopener');
  else window.location.assign(row.dataset.href);
});
document.addEventListener('change', (event) => {
  const field = event.target;
  const form = field.closest('#call-filter');
  if (!form || !field.value) return;
  if (field.name === 'period') form.since.value = form.until.value = '';
  if (field.name === 'since' || field.name === 'until') form.period.value = '';
});
// What a form sends for empty fields only makes addresses long.
document.addEventListener('submit', (event) => {
  if (event.target.id !== 'call-filter') return;
  for (const field of event.target.elements) if (!field.value) field.disabled = true;
});
window.addEventListener('pageshow', () => {
  for (const field of document.querySelectorAll('#call-filter :disabled')) field.disabled = false;
});
// A menu closes when one clicks beside it or presses Escape.
document.addEventListener('click', (event) => {
  for (const menu of document.querySelectorAll('details.menu[open]')) {
    if (!menu.contains(event.target)) menu.open = false;
  }
});
document.addEventListener('keydown', (event) => {
  const menu = event.key === 'Escape' && event.target.closest('details.menu[open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
  }
});
