// Before anything is painted: the ground the reader chose, and that scripts run.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var chosen = localStorage.getItem("foreland-theme");
    if (chosen === "light" || chosen === "dark") root.dataset.theme = chosen;
  } catch (e) { /* no storage: the system's wish holds */ }
})();
