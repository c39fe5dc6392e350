import { useCallback, useEffect, useRef } from "react";

import { meterTrack, SILENT, type LevelReader } from "../core/level";

/** A reader of how loud a track is; steady across renders, silent while there is no track. */
export function useTrackLevel(track: MediaStreamTrack | null): LevelReader {
  const reader = useRef<LevelReader>(SILENT);

  useEffect(() => {
    if (!track || track.kind !== "audio" || track.readyState === "ended") return;
    const meter = meterTrack(track);
    reader.current = meter.read;
    return () => {
      reader.current = SILENT;
      meter.close();
    };
  }, [track]);

  return useCallback(() => reader.current(), []);
}
