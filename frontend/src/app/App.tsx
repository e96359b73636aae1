import { RouterProvider } from "react-router/dom";

import { Toaster } from "../components/Toaster";
import { ConnectionProvider } from "../contexts/ConnectionContext";
import { KeptTakesProvider } from "../contexts/KeptTakesContext";
import { ListeningProvider } from "../contexts/ListeningContext";
import { SessionProvider } from "../contexts/SessionContext";
import { SettingsProvider, useSettings } from "../contexts/SettingsContext";
import { Queries } from "./Queries";
import { router } from "./routes";

export function App() {
  return (
    <SessionProvider>
      <SettingsProvider>
        <Queries>
          <ConnectionProvider>
            <KeptTakesProvider>
              <ListeningProvider>
                <RouterProvider router={router} />
              </ListeningProvider>
            </KeptTakesProvider>
          </ConnectionProvider>
          <ThemedToaster />
        </Queries>
      </SettingsProvider>
    </SessionProvider>
  );
}

function ThemedToaster() {
  return <Toaster theme={useSettings().settings.theme} />;
}
