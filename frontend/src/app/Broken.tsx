import { Button } from "../components/Button";
import { PageHeader } from "../components/PageHeader";

/** A page that failed, most often because a newer version was put in its place while this one was open. */
export function Broken() {
  return (
    <div className="mx-auto flex max-w-5xl flex-col items-start gap-6 px-5 py-10">
      <PageHeader title="This page could not be opened">
        What you have read is safe. Loading the page again usually helps.
      </PageHeader>
      <Button look="primary" onClick={() => { globalThis.location.reload(); }}>Load it again</Button>
    </div>
  );
}
