// Nothing here is needed: every page works without it.
'use strict';

// A page that waits for long work looks again by itself and changes only the part that is marked.
for (const part of document.querySelectorAll('[data-refresh-seconds]')) {
  const seconds = Math.max(1, Number(part.dataset.refreshSeconds) || 5);
  const again = async () => {
    if (!document.hidden) {
      try {
        const answer = await fetch(location.href, { headers: { accept: 'text/html' } });
        if (answer.redirected) { location.assign(answer.url); return; }
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(part.id);
        if (!fresh) { location.reload(); return; }
        part.replaceChildren(...fresh.childNodes);
        if (!fresh.hasAttribute('data-refresh-seconds')) return;
      } catch { /* The next look may succeed. */ }
    }
    setTimeout(again, seconds * 1000);
  };
  setTimeout(again, seconds * 1000);
}

// A form that shows what would follow while one chooses: it is asked for again after each change.
for (const form of document.querySelectorAll('form[data-live]')) {
  const target = document.getElementById(form.dataset.live);
  let wait;
  let asked = 0;
  form.addEventListener('input', () => {
    clearTimeout(wait);
    wait = setTimeout(async () => {
      const mine = ++asked;
      const place = new URL(form.action);
      place.search = new URLSearchParams(new FormData(form)).toString();
      target.setAttribute('aria-busy', 'true');
      try {
        const answer = await fetch(place, { headers: { accept: 'text/html' } });
        const fresh = new DOMParser().parseFromString(await answer.text(), 'text/html').getElementById(target.id);
        if (fresh && mine === asked) target.replaceChildren(...fresh.childNodes);
      } catch { /* The button still works. */ }
      target.removeAttribute('aria-busy');
    }, 300);
  });
}

// A second press while an answer is on its way is none.
for (const form of document.querySelectorAll('form[method="post"]')) {
  form.addEventListener('submit', (event) => {
    if (form.dataset.sent) event.preventDefault();
    form.dataset.sent = 'true';
  });
}
addEventListener('pageshow', () => {
  for (const form of document.querySelectorAll('form[data-sent]')) delete form.dataset.sent;
});
