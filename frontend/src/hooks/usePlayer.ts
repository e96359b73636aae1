import { useEffect, useState, useSyncExternalStore } from "react";

import { Player, type Playing } from "./player";

/** A player for one page; silent when the page is left. */
export function usePlayer(): readonly [Player, Playing] {
  const [player] = useState(() => new Player());
  const playing = useSyncExternalStore(player.playing.subscribe, player.playing.get);
  useEffect(() => {
    player.open();
    return () => { player.close(); };
  }, [player]);
  return [player, playing];
}
