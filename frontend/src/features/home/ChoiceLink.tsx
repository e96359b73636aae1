import { Link, type LinkProps } from "react-router";

import { useSession } from "../../contexts/SessionContext";
import { practiceAddress, rememberChoice, type NamedChoice } from "../../services/practiceChoice";

/** To the practice page with what was chosen, which is remembered for the next time. */
export function ChoiceLink({ named, ...rest }: Omit<LinkProps, "to"> & { readonly named: NamedChoice }) {
  const { user } = useSession();
  return (
    <Link
      {...rest}
      to={practiceAddress(named.choice)}
      onClick={() => { if (user !== null) rememberChoice(user.id, named); }}
    />
  );
}
