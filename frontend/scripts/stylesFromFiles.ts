import type { Plugin } from "vite";

const INSERTED = /^__insertCSS\(".*"\)\s*;?$/m;

/** Takes the style sheet out of sonner's code, which components/Toaster.tsx loads as a file: the policy wants that. */
export function stylesFromFiles(): Plugin {
  return {
    name: "sounditout-styles-from-files",
    apply: "build",
    transform: {
      filter: { id: /\/sonner\/dist\/index\.mjs$/ },
      handler(code) {
        if (!INSERTED.test(code)) this.error("sonner writes its styles in another way now");
        return { code: code.replace(INSERTED, ""), map: null };
      },
    },
  };
}
