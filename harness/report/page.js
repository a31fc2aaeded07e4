// Filters the scenarios by verdict and by words, and opens what a link points at.
(() => {
  'use strict';
  const scenarios = [...document.querySelectorAll('.scenario')];
  const filters = [...document.querySelectorAll('[data-filter]')];
  const search = document.getElementById('search');
  const shown = document.getElementById('shown');
  let verdict = '';

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    for (const scenario of scenarios) {
      const text = scenario.dataset.search;
      const show = (!verdict || scenario.dataset.verdict === verdict) && words.every((word) => text.includes(word));
      scenario.hidden = !show;
      if (show) count++;
    }
    for (const feature of document.querySelectorAll('.feature')) {
      feature.hidden = !feature.querySelector('.scenario:not([hidden])');
    }
    shown.textContent = count === scenarios.length ? '' : `${count} of ${scenarios.length} scenarios`;
    document.getElementById('nothing').hidden = count > 0;
  };

  for (const button of filters) {
    button.addEventListener('click', () => {
      verdict = button.dataset.filter;
      for (const other of filters) other.setAttribute('aria-pressed', String(other === button));
      apply();
    });
  }
  search.addEventListener('input', apply);
  document.getElementById('controls').addEventListener('submit', (event) => event.preventDefault());

  const openAll = (open) => {
    for (const scenario of scenarios) if (!scenario.hidden) scenario.open = open;
  };
  document.getElementById('open').addEventListener('click', () => openAll(true));
  document.getElementById('close').addEventListener('click', () => openAll(false));

  const openTarget = () => {
    const target = location.hash && document.getElementById(location.hash.slice(1));
    if (!target) return;
    if (target.matches('.scenario')) target.open = true;
    target.scrollIntoView();
  };
  window.addEventListener('hashchange', openTarget);
  openTarget();

  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || event.target === search) return;
    event.preventDefault();
    search.focus();
  });
})();
