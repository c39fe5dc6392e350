/** The telephone handset: the mark of the page. Its cord runs off to the left, however far that is. */

interface Props {
  className?: string | undefined;
}

/** Inside the earpiece, so that a handset that is lifted keeps its cord. */
const START = { x: 74, y: 112 };
/** More than the widest window shows beside the smallest handset. */
const LOOPS = 320;
const LOOP_WIDTH = 15;
const RADIUS = 15;
const STEPS_PER_LOOP = 14;

/** Where the middle of the cord is after `distance`: down from the handset, then level. */
function middleAt(distance: number): { x: number; y: number; angle: number } {
  const bend = 60;
  const quarter = (bend * Math.PI) / 2;
  const drop = 40;
  if (distance < drop) return { x: START.x, y: START.y + distance, angle: Math.PI / 2 };
  if (distance < drop + quarter) {
    const turned = (distance - drop) / bend;
    return {
      x: START.x - bend * (1 - Math.cos(turned)),
      y: START.y + drop + bend * Math.sin(turned),
      angle: Math.PI / 2 + turned,
    };
  }
  const rest = distance - drop - quarter;
  return { x: START.x - bend - rest, y: START.y + drop + bend, angle: Math.PI };
}

function coil(): string {
  const steps = LOOPS * STEPS_PER_LOOP;
  const points = Array.from({ length: steps + 1 }, (_, step) => {
    const distance = (step / STEPS_PER_LOOP) * LOOP_WIDTH;
    const { x, y, angle } = middleAt(distance);
    const turn = (step / STEPS_PER_LOOP) * 2 * Math.PI;
    const grip = Math.min(1, distance / 24);
    const along = Math.cos(turn) * RADIUS * 0.55 * grip;
    const across = Math.sin(turn) * RADIUS * grip;
    const px = x + Math.cos(angle) * along - Math.sin(angle) * across;
    const py = y + Math.sin(angle) * along + Math.cos(angle) * across;
    return `${px.toFixed(1)} ${py.toFixed(1)}`;
  });
  return `M ${points.join(" L ")}`;
}

const COIL = coil();

export function Handset({ className }: Props) {
  return (
    <svg className={className} viewBox="0 0 300 230" preserveAspectRatio="xMaxYMid meet" fill="none" aria-hidden="true">
      <path d={COIL} stroke="currentColor" strokeWidth="5" strokeLinejoin="round" />
      <g data-part="handset">
        <path
          d="M 66 92 C 92 34 208 34 234 92"
          stroke="currentColor"
          strokeWidth="38"
          strokeLinecap="round"
        />
        <rect x="34" y="82" width="80" height="54" rx="24" fill="currentColor" />
        <rect x="186" y="82" width="80" height="54" rx="24" fill="currentColor" />
        <path
          d="M 61 122 h 28 M 213 122 h 28"
          stroke="var(--tone-stage)"
          strokeWidth="5"
          strokeLinecap="round"
          strokeDasharray="0.1 9"
        />
      </g>
    </svg>
  );
}
