import { Link, type LinkProps } from "react-router";

import { LAST_CHOICE, practiceAddress, type NamedChoice } from "../../services/practiceChoice";
import { remember } from "../../services/storage";

/** To the practice page with what was chosen, which is remembered for the next time. */
export function ChoiceLink({ named, ...rest }: Omit<LinkProps, "to"> & { readonly named: NamedChoice }) {
  return (
    <Link
      {...rest}
      to={practiceAddress(named.choice)}
      onClick={() => { remember(LAST_CHOICE, JSON.stringify(named)); }}
    />
  );
}
