import { HealthPanel } from "./HealthPanel";
import { TryIt } from "./TryIt";

export function StartPage() {
  return (
    <div className="page">
      <header>
        <h1>Sound It Out</h1>
        <p className="lead">Read aloud, and see at once which sounds were right.</p>
      </header>
      <main>
        <TryIt />
      </main>
      <footer>
        <HealthPanel />
        <p className="quiet">Everything you say stays on this server. Nothing is sent anywhere else.</p>
      </footer>
    </div>
  );
}
