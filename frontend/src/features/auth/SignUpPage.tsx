import { Link, Navigate, useLocation, useSearchParams } from "react-router";

import { Card } from "../../components/Card";
import { PageHeader } from "../../components/PageHeader";
import { useSession } from "../../contexts/SessionContext";
import { AccountForm } from "./AccountForm";
import { checkNewAccount, nextAddress } from "./accountForm";

export default function SignUpPage() {
  const { user, signUp } = useSession();
  const [query] = useSearchParams();
  const { search } = useLocation();
  if (user?.guest === false) return <Navigate replace to={nextAddress(query.get("next"), "/practice")} />;
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-7">
      {user?.guest === true ? (
        <PageHeader title="Keep what you have read">
          With a name and a password you can come back, from any device. Everything you read as a guest is in your account then.
        </PageHeader>
      ) : (
        <PageHeader title="Make an account">A name and a password: we ask for nothing more.</PageHeader>
      )}
      <Card><AccountForm purpose="sign-up" check={checkNewAccount} onSubmit={signUp} /></Card>
      <p>
        You have one already? <Link className="inline-block py-2.5 font-bold text-accent underline" to={`/sign-in${search}`}>Sign in</Link>
      </p>
    </div>
  );
}
