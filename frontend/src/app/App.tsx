import { RouterProvider } from "react-router/dom";

import { Toaster } from "../components/Toaster";
import { ConnectionProvider } from "../contexts/ConnectionContext";
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
            <ListeningProvider>
              <RouterProvider router={router} />
            </ListeningProvider>
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
