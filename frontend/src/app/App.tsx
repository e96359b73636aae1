import { StartPage } from "../features/start/StartPage";

export function App() {
  return <StartPage />;
}
