'use strict';
// The menu on narrow screens, and buttons that copy what stands beside them.
document.addEventListener('click', (event) => {
  const menu = event.target.closest('.desk-menu-button');
  if (menu) {
    const open = document.getElementById('desk-nav').classList.toggle('open');
    menu.setAttribute('aria-expanded', String(open));
  }
  const copy = event.target.closest('[data-copy]');
  if (copy) {
    const source = document.getElementById(copy.dataset.copy);
    navigator.clipboard.writeText(source.value ?? source.textContent).then(() => {
      const before = copy.textContent;
      copy.textContent = 'Copied';
      setTimeout(() => { copy.textContent = before; }, 1500);
    });
  }
});
