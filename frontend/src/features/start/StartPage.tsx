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
        <p className="quiet">Your voice stays on this server.</p>
      </footer>
    </div>
  );
}
