/** How loud a side of the call is, read once a picture. */

/** 0 is silence, 1 as loud as speech gets. */
export type LevelReader = () => number;

export const SILENT: LevelReader = () => 0;

/** Speech sits between these, so the meter spends its length there. */
const FLOOR_DBFS = -52;
const CEILING_DBFS = -14;

export function levelOfSamples(samples: Float32Array): number {
  if (samples.length === 0) return 0;
  let sum = 0;
  for (const sample of samples) sum += sample * sample;
  const dbfs = 10 * Math.log10(sum / samples.length + 1e-12);
  return Math.min(1, Math.max(0, (dbfs - FLOOR_DBFS) / (CEILING_DBFS - FLOOR_DBFS)));
}

/** Reads an analyser that something else feeds. */
export function readAnalyser(analyser: AnalyserNode): LevelReader {
  const samples = new Float32Array(Math.min(analyser.fftSize, 1024));
  return () => {
    analyser.getFloatTimeDomainData(samples);
    return levelOfSamples(samples);
  };
}

export interface TrackMeter {
  read: LevelReader;
  close(): void;
}

/** Listens to a track without playing it. */
export function meterTrack(track: MediaStreamTrack): TrackMeter {
  const context = new AudioContext();
  const analyser = context.createAnalyser();
  analyser.fftSize = 1024;
  context.createMediaStreamSource(new MediaStream([track])).connect(analyser);
  return { read: readAnalyser(analyser), close: () => void context.close() };
}
