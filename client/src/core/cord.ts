/** The shape of the telephone cord between the two sides: a coil that carries their voices. Pure. */

/** Levels from 0 to 1, newest first: the voice runs along the cord from the side it entered. */
export type Wave = readonly number[];

export interface CordShape {
  width: number;
  height: number;
  user: Wave;
  bot: Wave;
  /** Turns of the coil so far; it creeps on while the bot thinks. */
  turn: number;
  /** How far it hangs: 1 is a cord nobody has picked up, 0 is taut. */
  slack: number;
}

const LOOP_PX = 17;
/** Room at both ends, so that the outermost loops are not cut. */
const INSET_PX = 10;
const STEPS_PER_LOOP = 28;
const REST_RADIUS = 0.13;
const LOUD_RADIUS = 0.32;

/** The level of a wave at `distance` (0 to 1) from the side it entered; it fades on the way. */
function levelAt(wave: Wave, distance: number): number {
  if (wave.length === 0) return 0;
  const place = Math.min(wave.length - 1, distance * wave.length);
  const index = Math.floor(place);
  const here = wave[index] ?? 0;
  const next = wave[index + 1] ?? here;
  return (here + (next - here) * (place - index)) * (1 - 0.55 * distance);
}

/** Flat x, y pairs of the coil, from the caller's end on the left to the bot's on the right. */
export function cordPoints(shape: CordShape): Float32Array {
  const { width, height, user, bot, turn, slack } = shape;
  const loops = Math.max(6, Math.round(width / LOOP_PX));
  const steps = loops * STEPS_PER_LOOP;
  const points = new Float32Array((steps + 1) * 2);
  const middle = height / 2;
  for (let step = 0; step <= steps; step += 1) {
    const along = step / steps;
    // The ends are straight, so that the cord goes into its plugs.
    const grip = Math.min(1, Math.min(along, 1 - along) * 14);
    const level = Math.max(levelAt(user, along), levelAt(bot, 1 - along));
    const radius = height * (REST_RADIUS + LOUD_RADIUS * level) * grip;
    const angle = along * loops * 2 * Math.PI + turn * 2 * Math.PI;
    const hang = slack * height * 0.3 * Math.sin(along * Math.PI);
    points[step * 2] =
      INSET_PX +
      along * (width - 2 * INSET_PX) +
      Math.cos(angle) * Math.min(radius, LOOP_PX) * 0.75;
    points[step * 2 + 1] = middle + hang + Math.sin(angle) * radius;
  }
  return points;
}

/** Puts the newest level in front and drops the oldest. */
export function pushed(wave: Wave, level: number, length: number): Wave {
  const previous = wave[0] ?? 0;
  // Rises at once, falls gently: a voice, not a needle.
  const eased = level > previous ? level : previous * 0.86 + level * 0.14;
  return [eased, ...wave.slice(0, length - 1)];
}
