import { createBrowserRouter, type LazyRouteFunction, type RouteObject } from "react-router";
import type { ComponentType } from "react";

import { Broken } from "./Broken";
import { Layout } from "./Layout";
import { ReadersOnly } from "./ReadersOnly";

/** A page that is loaded when somebody goes there. */
function page(load: () => Promise<{ readonly default: ComponentType }>): LazyRouteFunction<RouteObject> {
  return async () => ({ Component: (await load()).default });
}

export const router = createBrowserRouter([
  {
    Component: Layout,
    ErrorBoundary: Broken,
    HydrateFallback: () => null, // the first page is there in a moment: nothing that flickers
    children: [
      {
        ErrorBoundary: Broken,
        children: [
          { index: true, lazy: page(() => import("../features/home/HomePage")) },
          { path: "sign-in", lazy: page(() => import("../features/auth/SignInPage")) },
          { path: "sign-up", lazy: page(() => import("../features/auth/SignUpPage")) },
          { path: "settings", lazy: page(() => import("../features/settings/SettingsPage")) },
          {
            Component: ReadersOnly,
            children: [
              { path: "sounds", lazy: page(() => import("../features/home/SoundsPage")) },
              { path: "levels", lazy: page(() => import("../features/home/LevelsPage")) },
              { path: "stories", lazy: page(() => import("../features/home/StoriesPage")) },
              { path: "own-words", lazy: page(() => import("../features/home/OwnWordsPage")) },
              { path: "practice", lazy: page(() => import("../features/practice/PracticePage")) },
              { path: "progress", lazy: page(() => import("../features/progress/ProgressPage")) },
              { path: "operations", lazy: page(() => import("../features/operations/OperationsPage")) },
            ],
          },
          { path: "*", lazy: page(() => import("./NotFoundPage")) },
        ],
      },
    ],
  },
]);
