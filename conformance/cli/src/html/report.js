// Filters the matrix, opens one case at a time, and moves by keyboard. The reader's place is in the address, so it can
// be sent to others, and the browser's own "back" works: "#scenario-…" is a case, "#state=…&theme=…&search=…" a filter.
(() => {
  'use strict';
  const page = document.documentElement;
  const get = id => document.getElementById(id);
  const [matrix, filter, search, state, theme, shown] =
    ['matrix', 'filter', 'search', 'state', 'theme', 'count'].map(get);
  const rows = matrix ? [...matrix.querySelectorAll('tbody tr:not(.theme)')] : [];
  const themes = matrix ? [...matrix.tBodies] : [];
  const fields = { state, theme, search };

  // Copying.
  const say = text => { get('said').textContent = text; };
  const addButtons = part => {
    for (const pre of part.querySelectorAll('.held > pre:only-child')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      button.onclick = async () => {
        try {
          await navigator.clipboard.writeText(pre.textContent);
        } catch {
          getSelection().selectAllChildren(pre);
          document.execCommand('copy');
        }
        say('Copied');
        button.textContent = 'Copied';
        setTimeout(() => { button.textContent = 'Copy'; say(''); }, 1500);
      };
      pre.after(button);
    }
  };

  // Filtering.
  const caseOf = row => get(row.querySelector('a').hash.slice(1));
  const has = (row, wanted) => {
    const told = caseOf(row).querySelectorAll('.about, .rfc, .entry h4');
    const text = [row, ...told].map(part => part.textContent).join(' ').toLowerCase();
    return wanted.every(word => text.includes(word));
  };
  const apply = () => {
    const wanted = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const row of rows) {
      const is = (!theme.value || row.parentNode.dataset.theme === theme.value)
        && (!state.value || (row.dataset.is || '').split(' ').includes(state.value))
        && (!wanted.length || has(row, wanted));
      row.hidden = !is;
    }
    for (const body of themes) body.hidden = !body.querySelector('tr:not(.theme, [hidden])');
    const count = rows.filter(row => !row.hidden).length;
    const all = rows.length + (rows.length === 1 ? ' scenario' : ' scenarios');
    shown.textContent = count === rows.length ? all : `${count} of ${all}`;
    const first = visible()[0];
    if (first && !visible().some(row => row.contains(here))) stand(first.querySelector('a'));
  };
  const address = () => {
    const set = Object.entries(fields).filter(([, field]) => field.value).map(([name, field]) => [name, field.value]);
    return set.length ? '#' + new URLSearchParams(set) : '#scenarios';
  };
  const read = hash => {
    const set = new URLSearchParams(hash.includes('=') ? hash.slice(1) : '');
    for (const [name, field] of Object.entries(fields)) {
      field.value = set.get(name) || '';
      if (field.selectedIndex === -1) field.value = '';
    }
    apply();
  };

  // Moving between cells: Tab reaches one of them, and the arrow keys move on from there.
  const visible = () => rows.filter(row => !row.hidden && !row.parentNode.classList.contains('folded'));
  let here = null;
  const stand = link => {
    if (here) here.tabIndex = -1;
    here = link;
    here.tabIndex = 0;
  };
  const move = (key, link) => {
    const among = visible();
    const row = among.indexOf(link.closest('tr'));
    const column = link.parentNode.cellIndex;
    const last = link.closest('tr').cells.length - 1;
    const go = {
      ArrowUp: [row - 1, column], ArrowDown: [row + 1, column], ArrowLeft: [row, column - 1],
      ArrowRight: [row, column + 1], Home: [row, 0], End: [row, last],
    }[key];
    const next = go && among[go[0]]?.cells[go[1]]?.querySelector('a');
    if (next) next.focus();
    return Boolean(go);
  };

  // Opening a case.
  let open = null, opener = null, scrolled = 0, isFromHere = false;
  const cases = () => {
    const among = rows.filter(row => !row.hidden).map(caseOf);
    return open && !among.includes(open) ? [open] : among;
  };
  const show = (part, target) => {
    if (!open) scrolled = scrollY;
    open?.classList.remove('open');
    open = part;
    open.classList.add('open');
    page.classList.add('reading');
    addButtons(open);
    const among = cases(), index = among.indexOf(open);
    for (const [id, other] of [['previous', among[index - 1]], ['next', among[index + 1]]]) {
      if (other) get(id).href = '#' + other.id; else get(id).removeAttribute('href');
    }
    get('place').textContent = among.length > 1 ? `${index + 1} of ${among.length}` : '';
    open.focus({ preventScroll: true });
    if (target === open) scrollTo(0, 0); else target.scrollIntoView({ block: 'center' });
  };
  const hide = () => {
    if (!open) return;
    const link = matrix?.querySelector(`a[href="#${CSS.escape(open.id)}"]`);
    const isOpeners = opener?.hash?.slice(1).startsWith(open.id);
    open.classList.remove('open');
    open = null;
    page.classList.remove('reading');
    scrollTo(0, scrolled);
    const back = isOpeners || !link ? opener : link;
    back?.focus({ preventScroll: Boolean(isOpeners) });
    opener = null;
  };
  const close = () => {
    if (isFromHere) history.back(); else location.replace(address());
  };
  const arrive = isFirst => {
    let hash = location.hash;
    try { hash = decodeURIComponent(hash); } catch { /* It is not encoded. */ }
    const target = hash.includes('=') ? null : get(hash.slice(1));
    const part = target?.closest('.case');
    if (part) {
      isFromHere = !isFirst && (isFromHere || !open);
      show(part, target);
      return;
    }
    const wasOpen = Boolean(open);
    hide();
    isFromHere = false;
    // A link to a section keeps the filter, except the link to the matrix, which shows everything.
    if (matrix && (hash.includes('=') || hash === '' || hash === '#scenarios')) read(location.hash);
    if (wasOpen && target && target.id !== 'scenarios') target.scrollIntoView();
  };

  // Event handlers.
  addButtons(get('report'));
  if (matrix) {
    for (const link of matrix.querySelectorAll('a')) link.tabIndex = -1;
    for (const body of themes) {
      const title = body.querySelector('.title'), button = document.createElement('button');
      button.type = 'button';
      button.textContent = title.textContent;
      button.setAttribute('aria-expanded', 'true');
      button.onclick = () => button.setAttribute('aria-expanded', String(!body.classList.toggle('folded')));
      title.replaceChildren(button);
    }
    filter.onsubmit = event => event.preventDefault();
    for (const field of [state, theme]) {
      field.onchange = () => { history.pushState(null, '', address()); apply(); };
    }
    search.oninput = () => { history.replaceState(null, '', address()); apply(); };
    matrix.addEventListener('focusin', event => { if (event.target.matches('td a, th a')) stand(event.target); });
    matrix.addEventListener('keydown', event => {
      if (event.ctrlKey || event.metaKey || event.altKey || !event.target.matches('td a, th a')) return;
      if (move(event.key, event.target)) event.preventDefault();
    });
  }
  // Remembered now: once the address has changed, the browser has taken the focus from the link.
  addEventListener('click', event => {
    const link = event.target.closest?.('a[href^="#"]');
    if (link && !open) opener = link;
  }, true);
  get('close').onclick = event => { event.preventDefault(); close(); };
  for (const id of ['previous', 'next']) {
    get(id).onclick = event => {
      event.preventDefault();
      const hash = event.currentTarget.getAttribute('href');
      if (hash) location.replace(hash);
    };
  }
  addEventListener('keydown', event => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const isTyping = event.target.matches?.('input, select, textarea');
    if (event.key === 'Escape' && open) {
      event.preventDefault();
      close();
    } else if (event.key === '/' && !isTyping && !open && search) {
      event.preventDefault();
      search.focus();
      search.select();
    }
  });
  addEventListener('hashchange', () => arrive(false));
  addEventListener('popstate', () => { if (!open && location.hash.includes('=')) arrive(false); });
  arrive(true);
  if (matrix && open) apply();
})();
