import "sonner/dist/styles.css";

import { Toaster as Sonner } from "sonner";

import type { Theme } from "../services/api/settings";

/** Short news that nobody has to answer. Screen readers hear it when they have finished. */
export function Toaster({ theme }: { readonly theme: Theme }) {
  return (
    <Sonner
      theme={theme}
      position="top-center"
      duration={5000}
      toastOptions={{
        unstyled: true,
        classNames: {
          toast: "flex w-full items-center gap-3 rounded-2xl border border-line bg-raised px-5 py-4 text-ink shadow-page",
          title: "font-bold",
          description: "text-quiet",
        },
      }}
    />
  );
}
