import { Eye, EyeOff } from "lucide-react";
import { useRef, useState, type SubmitEvent } from "react";

import { Button } from "../../components/Button";
import { Field } from "../../components/Field";
import { Notice } from "../../components/Notice";
import { errorsFrom, type FormErrors } from "./accountForm";

type AccountFormProps = {
  readonly purpose: "sign-in" | "sign-up";
  readonly check: (username: string, password: string) => FormErrors;
  readonly onSubmit: (username: string, password: string) => Promise<void>;
};

export function AccountForm({ purpose, check, onSubmit }: AccountFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<FormErrors>({});
  const [busy, setBusy] = useState(false);
  const making = purpose === "sign-up";

  const show = (found: FormErrors) => {
    setErrors(found);
    const wrong = found.username === undefined ? "password" : "username";
    if (found[wrong] !== undefined) form.current?.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.focus();
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const found = check(username, password);
    show(found);
    if (Object.keys(found).length > 0) return;
    setBusy(true);
    try {
      await onSubmit(username.trim(), password);
    } catch (error) {
      show(errorsFrom(error));
      setBusy(false);
    }
  };
  return (
    <form ref={form} noValidate onSubmit={(event) => void submit(event)} className="flex flex-col gap-5">
      <Field
        label="Name"
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        value={username}
        onChange={(event) => { setUsername(event.target.value); }}
        error={errors.username}
        hint={making ? "What you want to be called here; it need not be your real one." : undefined}
      />
      <PasswordField
        autoComplete={making ? "new-password" : "current-password"}
        value={password}
        onChange={setPassword}
        error={errors.password}
        hint={making ? "8 characters or more. A short sentence is easy to remember." : undefined}
      />
      {errors.form !== undefined && <Notice tone="trouble">{errors.form}</Notice>}
      <Button type="submit" look="primary" size="large" disabled={busy}>
        {busy ? "One moment" : making ? "Make my account" : "Sign in"}
      </Button>
    </form>
  );
}

type PasswordFieldProps = {
  readonly label?: string;
  readonly autoComplete: "new-password" | "current-password";
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly error?: string | undefined;
  readonly hint?: string | undefined;
};

/** A password, that can be looked at. */
export function PasswordField({ label = "Password", onChange, ...field }: PasswordFieldProps) {
  const [visible, setVisible] = useState(false);
  const Icon = visible ? EyeOff : Eye;
  return (
    <Field
      label={label}
      name="password"
      type={visible ? "text" : "password"}
      onChange={(event) => { onChange(event.target.value); }}
      aside={
        <Button look="quiet" size="icon" aria-label="Show the password" aria-pressed={visible} onClick={() => { setVisible(!visible); }}>
          <Icon aria-hidden />
        </Button>
      }
      {...field}
    />
  );
}
