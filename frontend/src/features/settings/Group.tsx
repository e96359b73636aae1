import { useId, type ReactNode } from "react";

import { Card } from "../../components/Card";

/** Settings that belong together. */
export function Group({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="flex flex-col gap-3">
      <h2 id={id} className="text-xl">{name}</h2>
      <Card className="flex flex-col gap-7">{children}</Card>
    </section>
  );
}
