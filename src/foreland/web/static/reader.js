// Reading a document from the keyboard, and why a mark is there beside it. Without this file every mark is a link.
(function () {
  "use strict";
  var $ = function (selector, within) { return (within || document).querySelector(selector); };
  var all = function (selector, within) { return Array.from((within || document).querySelectorAll(selector)); };
  var KINDS = ["field", "quantity", "instrument", "definition", "other"];
  var turn = 0;
  var current = null;

  function reader() { return $("#reader"); }
  function kindOf(mark) { return KINDS.find(function (kind) { return mark.classList.contains("k-" + kind); }); }
  function hidden(mark) { var kind = kindOf(mark); return !kind || reader().classList.contains("hide-" + kind); }
  function marks() {
    return all("#text mark[data-n]:not(.more)").filter(function (mark) { return !hidden(mark); });
  }
  function say(text) { var live = $("[data-live]"); if (live) live.textContent = text; }
  function linkOf(mark) { return $("a[href]", mark) && all("a[href]", mark).find(function (a) { return a.parentNode === mark; }); }
  // A mark that others cover wholly has no link of its own; the table of marks has one.
  function addressOf(mark) {
    var own = linkOf(mark);
    if (own) return own.href;
    var row = all("#listed [data-n='" + mark.dataset.n + "'] a")[0];
    return row ? row.href : null;
  }
  function wide() { return matchMedia("(min-width: 901px)").matches; }

  // The panel ---------------------------------------------------------------------------------
  function open(mark, url, toPanel) {
    var mine = ++turn;
    var address = new URL(url, location.href);
    address.hash = "";
    var kinds = new URLSearchParams(location.search).get("kinds");
    if (kinds) address.searchParams.set("kinds", kinds); else address.searchParams.delete("kinds");
    var asked = new URL(address);
    asked.searchParams.set("part", "why");
    return fetch(asked)
      .then(function (response) { if (!response.ok) throw new Error(response.status); return response.text(); })
      .then(function (text) {
        if (mine !== turn) return;
        var fresh = $("#why", new DOMParser().parseFromString(text, "text/html"));
        var panel = $("#why");
        if (!fresh || !panel) throw new Error("no panel");
        panel.replaceChildren.apply(panel, Array.from(fresh.childNodes));
        panel.removeAttribute("data-empty");
        panel.scrollTop = 0;
        all("[data-copy]", panel).forEach(function (button) { button.hidden = false; });
        choose(mark);
        history.replaceState(history.state, "", address.pathname + address.search.replace(/%2C/g, ","));
        if (toPanel) { var title = $("#why-title"); if (title) title.focus({ preventScroll: true }); }
        var kind = $(".why-kind", panel), words = $(".why-words mark", panel);
        say((kind ? kind.textContent + ": " : "") + (words ? words.textContent : ""));
      })
      .catch(function () { if (mine === turn) location.assign(url); });
  }
  function choose(mark) {
    all("#text .chosen").forEach(function (old) { old.classList.remove("chosen"); if (old.id === "mark") old.removeAttribute("id"); });
    if (!mark) return;
    current = mark;
    all("#text mark[data-n='" + mark.dataset.n + "']").forEach(function (piece) { piece.classList.add("chosen"); });
  }
  function close() {
    var panel = $("#why"), link = $("[data-why-close]", panel);
    turn++;
    if (!panel || !link) return false;
    history.replaceState(history.state, "", new URL(link.href).pathname + new URL(link.href).search);
    panel.replaceChildren();
    panel.setAttribute("data-empty", "");
    var was = current || $("#text .chosen");
    choose(null);
    if (was) focus(was, true);
    return true;
  }
  function focus(mark, still) {
    current = mark;
    var details = mark.closest("details");
    if (details) details.open = true;
    (linkOf(mark) || mark).focus({ preventScroll: true });
    if (!still) mark.scrollIntoView({ block: wide() ? "center" : "start" });
  }
  function step(by, sameKind) {
    var every = marks();
    if (!every.length) { leave(by); return; }
    var here = document.activeElement && document.activeElement.closest ? document.activeElement.closest("#text mark[data-n]") : null;
    var from = here || current || $("#text .chosen");
    if (from && !from.isConnected) from = null;
    var place = from ? every.findIndex(function (mark) { return mark.dataset.n === from.dataset.n; }) : -1;
    if (place < 0 && from) {
      // The mark stands among those that are not shown: go on from there.
      place = every.findIndex(function (mark) { return from.compareDocumentPosition(mark) & Node.DOCUMENT_POSITION_FOLLOWING; });
      if (place < 0) place = every.length;
      if (by > 0) place -= 1;
    } else if (!from) { place = by > 0 ? firstSeen(every) - 1 : firstSeen(every); }
    var kind = sameKind && from ? kindOf(from) : null;
    for (var k = place + by; k >= 0 && k < every.length; k += by) {
      if (!kind || kindOf(every[k]) === kind) { reach(every[k]); return; }
    }
    leave(by);
  }
  function firstSeen(every) {
    var found = every.findIndex(function (mark) { return mark.getBoundingClientRect().top > 0; });
    return found < 0 ? every.length : found;
  }
  function reach(mark) {
    focus(mark);
    // Beside the text the panel follows; over it, it waits to be asked for, unless it is open.
    var panel = $("#why");
    if (wide() || (panel && !panel.hasAttribute("data-empty"))) later(mark);
  }
  var waiting = 0;
  function later(mark) {
    clearTimeout(waiting);
    waiting = setTimeout(function () { var url = addressOf(mark); if (url) open(mark, url, false); }, 90);
  }
  function leave(by) {
    var next = reader().dataset[by > 0 ? "after" : "before"];
    if (next) location.assign(next);
  }

  // Clicks and keys -------------------------------------------------------------------------------
  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (!reader()) return;
    if (event.target.closest("[data-why-close]")) { event.preventDefault(); close(); return; }
    if (event.target.closest("[data-keys]")) { help(); return; }
    var mark = event.target.closest("#text mark[data-n]");
    if (mark && hidden(mark)) return;
    if (mark && !String(getSelection())) {
      var url = addressOf(mark);
      if (url) { event.preventDefault(); clearTimeout(waiting); open(mark, url, !event.detail); }
      return;
    }
    var link = event.target.closest("a[data-mark]");
    if (!link) return;
    var wanted = new URL(link.href).searchParams.get("mark");
    var there = all("#text a[href]").find(function (a) { return new URL(a.href).searchParams.get("mark") === wanted; });
    var row = all("#listed tr[data-n] a").find(function (a) { return new URL(a.href).searchParams.get("mark") === wanted; });
    var found = there ? there.parentNode : row && $("#text mark[data-n='" + row.closest("tr").dataset.n + "']");
    if (!found) return;
    event.preventDefault();
    focus(found);
    open(found, link.href, false);
  });
  document.addEventListener("keydown", function (event) {
    if (!reader() || event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey) return;
    var at = event.target;
    if (at.closest && at.closest("input,textarea,select,dialog,[contenteditable]") && at.type !== "checkbox") return;
    if (event.key === "Escape") { if (close()) event.preventDefault(); return; }
    var mark = at.closest && at.closest("#text mark[data-n]");
    if (event.key === "Enter" && mark && at === mark) {
      var url = addressOf(mark);
      if (url) { event.preventDefault(); open(mark, url, true); }
      return;
    }
    if (mark && (event.key === "ArrowDown" || event.key === "ArrowUp")) { event.preventDefault(); step(event.key === "ArrowDown" ? 1 : -1); return; }
    if (!keysOn()) return;
    switch (event.key) {
      case "j": step(1); break;
      case "k": step(-1); break;
      case "n": step(1, true); break;
      case "p": step(-1, true); break;
      case "?": help(); break;
      default: return;
    }
    event.preventDefault();
  });
  function keysOn() { try { return localStorage.getItem("foreland-keys") !== "off"; } catch (e) { return true; } }
  function help() {
    var dialog = $("#keys");
    if (!dialog || !dialog.showModal) return;
    $("[data-keys-on]", dialog).checked = keysOn();
    dialog.showModal();
  }
  document.addEventListener("change", function (event) {
    if (event.target.matches("[data-keys-on]")) {
      try { localStorage.setItem("foreland-keys", event.target.checked ? "on" : "off"); } catch (e) { /* holds for nothing */ }
      return;
    }
    var form = event.target.closest("#legend");
    if (form && reader()) toggle(form);
  });

  // Kinds are switched at once; the address says the same state --------------------------------------
  function toggle(form) {
    var boxes = all("input[type=checkbox]", form);
    boxes.forEach(function (box) { reader().classList.toggle("hide-" + box.value, !box.checked); });
    tabs();
    var quiet = all("input[type=hidden][name=kinds]", form).map(function (input) { return input.value; }).filter(Boolean);
    var shown = boxes.filter(function (box) { return box.checked; }).map(function (box) { return box.value; });
    var address = new URL(location.href);
    if (shown.length === boxes.length) address.searchParams.delete("kinds");
    else if (!shown.length) address.searchParams.set("kinds", "none");
    else address.searchParams.set("kinds", KINDS.filter(function (kind) { return shown.includes(kind) || quiet.includes(kind); }).join(","));
    history.replaceState(history.state, "", address.pathname + address.search.replace(/%2C/g, ",") + address.hash);
  }
  function tabs() {
    all("#text mark[data-n] > a[aria-describedby]").forEach(function (a) {
      if (hidden(a.parentNode)) a.setAttribute("tabindex", "-1"); else a.removeAttribute("tabindex");
    });
  }

  // Two documents side by side: a passage brings its partner into sight ---------------------------------
  function panes() { return $("#panes"); }
  function partner(rank, from) {
    var sides = ["l", "r"].map(function (side) { return document.getElementById(side + rank); });
    var missing = sides.findIndex(function (mark) { return !mark; });
    if (missing >= 0) return false;
    all("#panes .chosen").forEach(function (old) { old.classList.remove("chosen"); });
    all("#panes mark.k-shared[data-n='" + rank + "']").forEach(function (mark) { mark.classList.add("chosen"); });
    sides.forEach(function (mark) {
      if (mark === from) return;
      var pane = mark.closest(".pane");
      pane.scrollTop += mark.getBoundingClientRect().top - pane.getBoundingClientRect().top - 60;
    });
    var address = new URL(location.href);
    address.hash = "";
    address.searchParams.set("pair", rank);
    history.replaceState(history.state, "", address.pathname + address.search.replace(/%3A/g, ":"));
    current = sides[0];
    say(sides[0].title);
    return true;
  }
  document.addEventListener("click", function (event) {
    if (event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    if (!panes() || String(getSelection())) return;
    var mark = event.target.closest("#panes mark.k-shared");
    var row = event.target.closest("a[data-pair]");
    if (!mark && !row) return;
    var from = mark && document.getElementById((mark.closest("#pane-left") ? "l" : "r") + mark.dataset.n);
    if (partner(mark ? mark.dataset.n : row.dataset.pair, from)) {
      event.preventDefault();
      if (row) panes().scrollIntoView({ block: "nearest" });
    } else if (mark && event.target.closest("a") === null) {
      var link = $("a[href]", mark);
      if (link) location.assign(link.href);
    }
  });
  document.addEventListener("keydown", function (event) {
    if (!panes() || event.metaKey || event.ctrlKey || event.altKey || !keysOn()) return;
    if (event.target.closest && event.target.closest("input,textarea,select")) return;
    if (event.key !== "j" && event.key !== "k") return;
    var every = all("#pane-left mark.k-shared:not(.more)");
    var chosen = $("#pane-left mark.k-shared.chosen:not(.more)");
    var next = every[every.indexOf(chosen) + (event.key === "j" ? 1 : -1)];
    if (!next) return;
    event.preventDefault();
    if (partner(next.dataset.n, null)) { var link = $("a[href]", next); if (link) link.focus({ preventScroll: true }); }
  });

  function enrich() {
    if (panes()) {
      var pair = new URLSearchParams(location.search).get("pair");
      if (pair) partner(pair, null);
    }
    if (!reader()) return;
    all("[data-keys]").forEach(function (button) { button.hidden = false; });
    tabs();
    var chosen = $("#mark");
    if (chosen) {
      current = chosen.matches("mark") ? chosen : null;
      chosen.scrollIntoView({ block: wide() ? "center" : "start" });
    }
  }
  enrich();
})();
