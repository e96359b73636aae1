import { cva, type VariantProps } from "class-variance-authority";
import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useRef, type ReactNode } from "react";

import { buttonStyle } from "./buttonStyle";

const contentStyle = cva(
  "fixed z-50 flex max-h-[88dvh] flex-col gap-4 overflow-y-auto overscroll-contain border border-line bg-raised p-6 text-ink shadow-page focus:outline-none sm:p-8",
  {
    variants: {
      place: {
        middle: "top-1/2 left-1/2 w-[min(32rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-card",
        bottom:
          "inset-x-0 bottom-0 mx-auto w-full max-w-2xl rounded-t-card pb-[max(1.5rem,env(safe-area-inset-bottom))] sm:bottom-6 sm:w-[calc(100vw-3rem)] sm:rounded-card",
      },
    },
  },
);

type DialogProps = Required<VariantProps<typeof contentStyle>> & {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: ReactNode;
  readonly description?: ReactNode;
  readonly children?: ReactNode;
};

function Layer({ open, onOpenChange, title, description, children, place }: DialogProps) {
  const opener = useRef<Element | null>(null);
  const rememberOpener = () => {
    opener.current = document.activeElement;
  };
  const giveFocusBack = (event: Event) => {
    event.preventDefault();
    if (opener.current instanceof HTMLElement) opener.current.focus();
  };
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      <Radix.Portal>
        <Radix.Overlay data-scrim className="fixed inset-0 z-40 bg-black/45" />
        <Radix.Content
          onOpenAutoFocus={rememberOpener}
          onCloseAutoFocus={giveFocusBack}
          {...(description === undefined && { "aria-describedby": undefined })}
          className={contentStyle({ place })}
        >
          <div className="flex items-start justify-between gap-4">
            <Radix.Title className="pt-1.5 text-2xl leading-tight">{title}</Radix.Title>
            <Radix.Close aria-label="Close" className={buttonStyle({ look: "quiet", size: "icon", className: "-mt-2 -mr-3" })}>
              <X aria-hidden />
            </Radix.Close>
          </div>
          {description !== undefined && <Radix.Description className="text-quiet">{description}</Radix.Description>}
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}

type LayerProps = Omit<DialogProps, "place">;

/** A question that wants an answer before anything else. Focus stays inside; Escape closes it. */
export function Dialog(props: LayerProps) {
  return <Layer place="middle" {...props} />;
}

/** More about something: from below, where a thumb is. */
export function Sheet(props: LayerProps) {
  return <Layer place="bottom" {...props} />;
}
