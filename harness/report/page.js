// Filters the scenarios by verdict and by words, shows their details on demand, and opens what a link points at.
(() => {
  'use strict';
  const rows = [...document.querySelectorAll('.scenario')];
  const features = [...document.querySelectorAll('.feature')].map((section) => ({ section, lazy: section.querySelector('.lazy'), rows: [...section.querySelectorAll('.scenario')] }));
  const filters = [...document.querySelectorAll('[data-filter]')];
  const packs = document.querySelectorAll('.pack');
  const search = document.getElementById('search');
  const shown = document.getElementById('shown');
  // How many scenarios one click opens: what nobody can read at once need not be laid out.
  const openAtOnce = 100;
  let verdict = '';

  // The details of a pack's scenarios, in a document of their own until they are shown.
  const unpacked = new Map();
  const unpack = (index) => {
    if (!unpacked.has(index)) {
      const bytes = Uint8Array.from(atob(packs[index].textContent), (character) => character.charCodeAt(0));
      const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
      unpacked.set(index, new Response(stream).text().then((html) => {
        const template = document.createElement('template');
        template.innerHTML = html;
        return [...template.content.children];
      }));
    }
    return unpacked.get(index);
  };

  const detailsOf = (row) => (row.nextElementSibling?.matches('.details') ? row.nextElementSibling : null);
  const setOpen = (row, open) => {
    row.querySelector('button').setAttribute('aria-expanded', String(open));
    const details = detailsOf(row);
    if (details) details.hidden = !open;
    if (details || !open) return Promise.resolve();
    const added = document.createElement('tr');
    added.className = 'details';
    const cell = added.appendChild(document.createElement('td'));
    cell.colSpan = row.cells.length;
    cell.textContent = 'unpacking…';
    row.after(added);
    return unpack(row.dataset.pack).then(
      (parts) => cell.replaceChildren(parts[row.dataset.part]),
      () => { cell.textContent = 'This browser cannot unpack the details (it has no DecompressionStream): report.json has them.'; },
    );
  };
  const isOpen = (row) => row.querySelector('button').getAttribute('aria-expanded') === 'true';

  // What a row is searched by is put together with the first search.
  let texts = null;
  const textOf = (i) => {
    texts ??= rows.map((row) => `${row.textContent} ${row.id} ${row.dataset.search}`.toLowerCase());
    return texts[i];
  };

  const apply = () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let count = 0;
    rows.forEach((row, i) => {
      const show = (!verdict || row.dataset.verdict === verdict) && words.every((word) => textOf(i).includes(word));
      if (row.hidden === show) row.hidden = !show;
      const details = detailsOf(row);
      if (details) details.hidden = !show || !isOpen(row);
      if (show) count++;
    });
    for (const { section, lazy, rows: ofFeature } of features) {
      const left = ofFeature.filter((row) => !row.hidden).length;
      section.hidden = left === 0;
      // The height that a table off the screen is taken to have.
      lazy.style.containIntrinsicBlockSize = `auto ${2 + 2.4 * left}rem`;
    }
    for (const button of filters) button.setAttribute('aria-pressed', String(button.dataset.filter === verdict));
    shown.textContent = count === rows.length ? '' : `${count} of ${rows.length} scenarios`;
    document.getElementById('nothing').hidden = count > 0;
  };

  // The address names what is shown, so that it can be passed on: #?verdict=…&q=… or a scenario's id.
  const remember = () => {
    const query = new URLSearchParams();
    if (verdict) query.set('verdict', verdict);
    if (search.value) query.set('q', search.value);
    history.replaceState(null, '', query.size ? `#?${query}` : location.href.split('#')[0]);
  };
  const follow = () => {
    if (location.hash.startsWith('#?')) {
      const query = new URLSearchParams(location.hash.slice(2));
      verdict = query.get('verdict') ?? '';
      search.value = query.get('q') ?? '';
      apply();
      return;
    }
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target) return;
    if (target.closest('.feature')?.hidden || target.hidden) {
      verdict = search.value = '';
      apply();
    }
    if (!target.matches('.scenario')) return target.scrollIntoView();
    setOpen(target, true).then(() => {
      target.scrollIntoView();
      target.querySelector('button').focus({ preventScroll: true });
    });
  };

  for (const button of filters) {
    button.addEventListener('click', () => {
      verdict = button.dataset.filter;
      apply();
      remember();
    });
  }
  let waiting = 0;
  search.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { apply(); remember(); }, 120);
  });
  search.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || !search.value) return;
    search.value = '';
    apply();
    remember();
  });
  document.getElementById('controls').addEventListener('submit', (event) => event.preventDefault());
  document.querySelector('main').addEventListener('click', (event) => {
    const row = event.target.closest('.scenario');
    // Whoever marks words to copy them means no click.
    if (row && !event.target.closest('a') && getSelection().isCollapsed) setOpen(row, !isOpen(row));
  });
  document.getElementById('open').addEventListener('click', () => {
    const closed = rows.filter((row) => !row.hidden && !isOpen(row));
    for (const row of closed.slice(0, openAtOnce)) setOpen(row, true);
    if (closed.length > openAtOnce) shown.textContent = `${openAtOnce} opened, ${closed.length - openAtOnce} left: search for fewer`;
  });
  document.getElementById('close').addEventListener('click', () => {
    for (const row of rows) if (isOpen(row)) setOpen(row, false);
  });
  window.addEventListener('hashchange', follow);
  apply();
  follow();
})();
