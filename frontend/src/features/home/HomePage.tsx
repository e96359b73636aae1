import { useSession } from "../../contexts/SessionContext";
import { ReaderHome } from "./ReaderHome";
import { Welcome } from "./Welcome";

export default function HomePage() {
  const { user } = useSession();
  return user === null ? <Welcome /> : <ReaderHome user={user} />;
}
