import { Link, Navigate, useLocation, useSearchParams } from "react-router";

import { Card } from "../../components/Card";
import { Notice } from "../../components/Notice";
import { PageHeader } from "../../components/PageHeader";
import { useSession } from "../../contexts/SessionContext";
import { AccountForm } from "./AccountForm";
import { checkSignIn, nextAddress } from "./accountForm";

export default function SignInPage() {
  const { user, why, signIn } = useSession();
  const [query] = useSearchParams();
  const { search } = useLocation();
  if (user?.guest === false) return <Navigate replace to={nextAddress(query.get("next"), "/")} />;
  return (
    <div className="mx-auto flex w-full max-w-md flex-col gap-7">
      <PageHeader title="Sign in">Welcome back. Your readings are where you left them.</PageHeader>
      {why === "expired" && <Notice>You were here for a while, so please sign in again. Nothing is lost.</Notice>}
      {user?.guest === true && (
        <Notice>What you read as a guest stays with the guest. To keep it, make an account of your own instead.</Notice>
      )}
      <Card><AccountForm purpose="sign-in" check={checkSignIn} onSubmit={signIn} /></Card>
      <p>
        New here? <Link className="inline-block py-2.5 font-bold text-accent underline" to={`/sign-up${search}`}>Make an account</Link>
      </p>
    </div>
  );
}
