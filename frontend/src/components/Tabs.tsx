import { Tabs as Radix } from "radix-ui";
import type { ReactNode } from "react";

type Tab = { readonly value: string; readonly label: string; readonly content: ReactNode };

/** The same thing shown in several ways. */
export function Tabs({ label, tabs }: { readonly label: string; readonly tabs: readonly Tab[] }) {
  return (
    <Radix.Root defaultValue={tabs[0]?.value ?? ""}>
      <Radix.List aria-label={label} className="inline-flex flex-wrap gap-1 rounded-[1.75rem] bg-sunk p-1">
        {tabs.map(({ value, label: name }) => (
          <Radix.Trigger
            key={value}
            value={value}
            className="min-h-11 rounded-full px-5 text-quiet transition-colors duration-150 hover:text-ink data-[state=active]:bg-raised data-[state=active]:font-bold data-[state=active]:text-ink data-[state=active]:shadow-page"
          >
            {name}
          </Radix.Trigger>
        ))}
      </Radix.List>
      {tabs.map(({ value, content }) => (
        <Radix.Content key={value} value={value} className="mt-5 rounded-xl">{content}</Radix.Content>
      ))}
    </Radix.Root>
  );
}
