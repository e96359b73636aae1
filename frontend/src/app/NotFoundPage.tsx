import { ButtonLink } from "../components/ButtonLink";
import { PageHeader } from "../components/PageHeader";

export default function NotFoundPage() {
  return (
    <div className="flex flex-col items-start gap-6 py-6">
      <p aria-hidden className="text-sentence text-quiet">
        The page <span className="mark-wrong">is</span> <span className="rounded-lg border-2 border-dashed border-edge px-2">here</span>
      </p>
      <PageHeader title="There is no page at this address">
        Perhaps a letter went missing on the way. Everything you have read is safe.
      </PageHeader>
      <ButtonLink to="/" look="primary">Back to the start</ButtonLink>
    </div>
  );
}
