// Theme, text size and font before the first paint; afterwards contexts/SettingsContext.tsx keeps them.
(() => {
  try {
    const { known, pending } = JSON.parse(localStorage.getItem("sounditout.settings") ?? "{}");
    const chosen = { ...known, ...pending };
    const page = document.documentElement.dataset;
    if (chosen.theme) page.theme = chosen.theme;
    if (chosen.text_size) page.textSize = chosen.text_size;
    if (chosen.font) page.font = chosen.font;
  } catch {
    // Nothing is remembered: the page looks as by default.
  }
})();
