// Light, dark, or as the system: decided before the first paint, so that nothing flashes. Not a module for that reason.
"use strict";
(() => {
  const key = "whisker-appearance";
  const order = ["system", "light", "dark"];
  const words = { system: "as the system", light: "light", dark: "dark" };
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const stored = () => {
    try {
      return order.includes(localStorage.getItem(key)) ? localStorage.getItem(key) : "system";
    } catch {
      return "system"; // a browser that keeps nothing
    }
  };
  let chosen = stored();
  const apply = () => {
    document.documentElement.dataset.bsTheme = chosen === "system" ? (dark.matches ? "dark" : "light") : chosen;
  };
  apply();
  dark.addEventListener("change", apply);
  addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("appearance");
    const say = () => {
      button.setAttribute("aria-label", `Appearance: ${words[chosen]}`);
      button.title = `Appearance: ${words[chosen]}`;
    };
    say();
    button.addEventListener("click", () => {
      chosen = order[(order.indexOf(chosen) + 1) % order.length];
      try {
        localStorage.setItem(key, chosen);
      } catch {
        // Then it holds until the page is left.
      }
      apply();
      say();
    });
  });
})();
