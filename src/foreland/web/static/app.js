// Scripts only enrich: every page works, and every number stands in it, without them.
(function () {
  "use strict";
  var $ = function (selector, within) { return (within || document).querySelector(selector); };
  var all = function (selector, within) { return Array.from((within || document).querySelectorAll(selector)); };
  var root = document.documentElement;
  var drawer = $("#drawer");
  var opener = null;

  // Light or dark ------------------------------------------------------------------------------
  var toggle = $("[data-theme-toggle]");
  if (toggle) {
    toggle.hidden = false;
    toggle.addEventListener("click", function () {
      var dark = root.dataset.theme ? root.dataset.theme === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
      root.dataset.theme = dark ? "light" : "dark";
      try { localStorage.setItem("foreland-theme", root.dataset.theme); } catch (e) { /* holds for this page */ }
    });
  }

  function say(text) { var live = $("[data-live]"); if (live) live.textContent = text; }

  // A page's main part is fetched and put in place; the address says the same state ---------------
  var asked = 0;
  var shown = location.pathname + location.search;
  function go(url, push) {
    var turn = ++asked;
    var before = document.activeElement && document.activeElement.id;
    root.classList.add("busy");
    return fetch(url, { headers: { "X-Requested-With": "foreland" } })
      .then(function (response) {
        if (!/text\/html/.test(response.headers.get("content-type") || "")) throw new Error("not a page");
        return response.text().then(function (text) { return { url: response.url, text: text }; });
      })
      .then(function (page) {
        if (turn !== asked) return;
        var next = new DOMParser().parseFromString(page.text, "text/html");
        if (push) history.pushState({}, "", page.url);
        shown = location.pathname + location.search;
        document.title = next.title;
        ["#main", "#top .language", "#top .rooms"].forEach(function (selector) {
          var old = $(selector), fresh = $(selector, next);
          if (old && fresh) old.replaceWith(document.adoptNode(fresh));
        });
        enrich();
        var focus = before && document.getElementById(before);
        if (focus) focus.focus({ preventScroll: true });
        var heading = $("h1");
        if (heading) say(heading.textContent);
      })
      .catch(function () { location.assign(url); })
      .finally(function () { if (turn === asked) root.classList.remove("busy"); });
  }
  window.addEventListener("popstate", function () {
    // Following a link within the page comes here, too, and must not fetch what is there.
    if (location.pathname + location.search !== shown) go(location.href, false);
  });

  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    var close = event.target.closest("[data-close]");
    if (close) { drawer.close(); return; }
    var copy = event.target.closest("[data-copy]");
    if (copy) { copyText(copy); return; }
    var evidence = event.target.closest("a[data-evidence]");
    if (!evidence) {
      var cell = event.target.closest("#data tbody td.n");
      if (cell && !String(getSelection())) evidence = $("a[data-evidence]", cell.parentNode);
    }
    if (evidence) { event.preventDefault(); openEvidence(evidence); return; }
    var link = event.target.closest("a[data-swap]");
    if (link) { event.preventDefault(); go(link.href, true); }
  });

  document.addEventListener("submit", function (event) {
    var form = event.target.closest("form[data-swap]");
    if (!form) return;
    event.preventDefault();
    var pairs = Array.from(new FormData(form)).filter(function (pair) {
      var field = form.elements[pair[0]];
      return pair[1] !== "" && !(field && field.dataset && field.dataset.default === pair[1]);
    });
    var query = new URLSearchParams(pairs).toString();
    go(form.getAttribute("action") + (query ? "?" + query : ""), true);
  });
  document.addEventListener("input", function (event) {
    if (event.target.type === "range") event.target.nextElementSibling.value = event.target.value;
  });
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-swap]");
    if (form && form.reportValidity()) form.requestSubmit();
  });

  // Evidence in a drawer -------------------------------------------------------------------------
  function openEvidence(link) {
    opener = link;
    fetch(link.href)
      .then(function (response) { return response.text(); })
      .then(function (text) {
        var found = $("#evidence", new DOMParser().parseFromString(text, "text/html"));
        if (!found || !drawer || !drawer.showModal) { location.assign(link.href); return; }
        var content = $("[data-content]", drawer);
        var title = $("h1", found);
        found.removeAttribute("id");
        found.className = "evidence";
        if (title) { var smaller = document.createElement("h2"); smaller.className = "drawer-title"; smaller.append(...title.childNodes); title.replaceWith(smaller); }
        content.replaceChildren(document.adoptNode(found));
        drawer.showModal();
        drawer.scrollTop = 0;
      })
      .catch(function () { location.assign(link.href); });
  }
  if (drawer) {
    drawer.addEventListener("click", function (event) { if (event.target === drawer) drawer.close(); });
    drawer.addEventListener("close", function () { if (opener && opener.isConnected) opener.focus(); });
  }

  function copyText(button) {
    var field = $(button.dataset.copy);
    var done = function () { var was = button.textContent; button.textContent = button.dataset.done; say(button.dataset.done); setTimeout(function () { button.textContent = was; }, 1600); };
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(field.value).then(done, function () { field.select(); });
    else { field.select(); try { if (document.execCommand("copy")) done(); } catch (e) { /* it is selected */ } }
  }

  // Charts come to life when seen and the browser is idle -------------------------------------------
  var library = null;
  function load() {
    if (!library) library = new Promise(function (resolve, reject) {
      var script = document.createElement("script");
      script.src = document.body.dataset.vega;
      script.onload = function () { window.vegaEmbed ? resolve(window.vegaEmbed) : reject(new Error("no library")); };
      script.onerror = reject;
      document.head.append(script);
    });
    return library;
  }
  function refuse() { return Promise.reject(new Error("charts carry their data")); }
  // A node may lead to a page of ours, nowhere else.
  function own(address) { return /^\/(?![\/\\])/.test(address) ? Promise.resolve({ href: address }) : refuse(); }
  function bring(drawing) {
    if (drawing.dataset.alive) return;
    drawing.dataset.alive = "coming";
    Promise.all([load(), fetch(drawing.dataset.spec).then(function (r) { if (!r.ok) throw new Error(r.status); return r.json(); })])
      .then(function (found) {
        var holder = document.createElement("div");
        var still = $("svg", drawing);
        var options = {
          ast: true, renderer: "svg", actions: false, defaultStyle: false, mode: "vega-lite",
          loader: { load: refuse, sanitize: own, http: refuse, file: refuse },
          tooltip: { disableDefaultStyle: true, theme: "foreland" }
        };
        return found[0](holder, found[1], options).then(function () {
          var live = $("svg", holder);
          if (!live || !still || !drawing.isConnected) return;
          ["viewBox", "role", "aria-label"].forEach(function (name) { if (still.getAttribute(name)) live.setAttribute(name, still.getAttribute(name)); });
          // One name for the whole picture, as in the still one; the table has the parts.
          all("[role],[aria-roledescription],[aria-label]", live).forEach(function (part) {
            ["role", "aria-roledescription", "aria-label"].forEach(function (name) { part.removeAttribute(name); });
          });
          holder.className = "alive";
          drawing.replaceChildren(holder);
          drawing.dataset.alive = "yes";
        });
      })
      .catch(function () { drawing.dataset.alive = "no"; });
  }
  var idle = window.requestIdleCallback || function (work) { return setTimeout(work, 300); };
  var seen = window.IntersectionObserver && new IntersectionObserver(function (entries) {
    entries.forEach(function (entry) {
      if (!entry.isIntersecting) return;
      seen.unobserve(entry.target);
      idle(function () { bring(entry.target); }, { timeout: 2500 });
    });
  });

  function enrich() {
    var tab = $(".tabs [aria-current]"), bar = $(".panel-bar");
    if (tab && bar) bar.scrollLeft = tab.offsetLeft - bar.offsetLeft - 24;
    all("[data-copy]").forEach(function (button) { button.hidden = false; });
    all(".drawing[data-spec]").forEach(function (drawing) { if (seen) seen.observe(drawing); });
    all("[data-pending]").reduce(function (before, card) {
      return before.then(function () {
        return fetch(card.dataset.pending)
          .then(function (r) { if (r.status === 204) { card.remove(); throw new Error("no data"); } if (!r.ok) throw new Error(r.status); return r.json(); })
          .then(function (found) {
            $(".card-headline a", card).textContent = found.headline;
            card.removeAttribute("data-pending");
          })
          .catch(function () { card.removeAttribute("data-pending"); });
      });
    }, Promise.resolve());
  }
  enrich();
})();
