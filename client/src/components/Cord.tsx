/** The visualiser: a telephone cord that carries both voices, or two plain meters where motion is unwanted. */

import { useEffect, useRef } from "react";

import { cordPoints, pushed, type Wave } from "../core/cord";
import type { LevelReader } from "../core/level";
import { useReducedMotion } from "../hooks/useReducedMotion";
import styles from "./Cord.module.css";

interface Props {
  userLevel: LevelReader;
  botLevel: LevelReader;
  /** Whether the bot is thinking: the coil turns slowly. */
  isThinking: boolean;
  /** Whether the call is up: the cord is taut. */
  isTaut: boolean;
  botTitle: string;
  userLabel: string;
}

const WAVE_LENGTH = 54;
/** Meters for those who want no motion: a few steps a second are a reading, not an animation. */
const CALM_INTERVAL_MS = 250;

export function Cord({ userLevel, botLevel, isThinking, isTaut, botTitle, userLabel }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  const isCalm = useReducedMotion();
  const moment = useRef({ isThinking, isTaut });
  useEffect(() => {
    moment.current = { isThinking, isTaut };
  }, [isThinking, isTaut]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return;
    let user: Wave = [];
    let bot: Wave = [];
    let turn = 0;
    let slack = moment.current.isTaut ? 0 : 1;

    const draw = () => {
      const { width, height } = fitted(element);
      user = pushed(user, userLevel(), WAVE_LENGTH);
      bot = pushed(bot, botLevel(), WAVE_LENGTH);
      slack += ((moment.current.isTaut ? 0 : 1) - slack) * 0.08;
      if (moment.current.isThinking) turn += 0.012;
      context.clearRect(0, 0, element.width, element.height);
      context.save();
      context.scale(devicePixelRatio, devicePixelRatio);
      const colour = getComputedStyle(element).color;
      if (isCalm) drawMeters(context, width, height, user[0] ?? 0, bot[0] ?? 0, colour);
      else drawCord(context, cordPoints({ width, height, user, bot, turn, slack }), colour);
      context.restore();
    };

    if (isCalm) {
      draw();
      const timer = setInterval(draw, CALM_INTERVAL_MS);
      return () => clearInterval(timer);
    }
    let frame = requestAnimationFrame(function loop() {
      draw();
      frame = requestAnimationFrame(loop);
    });
    return () => cancelAnimationFrame(frame);
  }, [userLevel, botLevel, isCalm]);

  return (
    <div className={styles.cord}>
      <canvas ref={canvas} className={styles.canvas} aria-hidden="true" data-testid="meter" />
      <div className={styles.ends} aria-hidden="true">
        <span>{userLabel}</span>
        <span>{botTitle}</span>
      </div>
    </div>
  );
}

/** Keeps the bitmap as large as the box it is shown in. */
function fitted(element: HTMLCanvasElement): { width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = element;
  const wanted = Math.round(width * devicePixelRatio);
  if (element.width !== wanted) {
    element.width = wanted;
    element.height = Math.round(height * devicePixelRatio);
  }
  return { width, height };
}

function drawCord(context: CanvasRenderingContext2D, points: Float32Array, colour: string): void {
  context.strokeStyle = colour;
  context.lineWidth = 3.5;
  context.lineJoin = context.lineCap = "round";
  context.beginPath();
  context.moveTo(points[0] ?? 0, points[1] ?? 0);
  for (let i = 2; i < points.length; i += 2) context.lineTo(points[i] ?? 0, points[i + 1] ?? 0);
  context.stroke();
}

function drawMeters(
  context: CanvasRenderingContext2D,
  width: number,
  height: number,
  user: number,
  bot: number,
  colour: string,
): void {
  const gap = 16;
  const length = (width - gap) / 2;
  const thickness = 12;
  const top = (height - thickness) / 2;
  context.fillStyle = colour;
  for (const [left, level] of [
    [0, user],
    [length + gap, bot],
  ] as const) {
    context.globalAlpha = 0.2;
    context.beginPath();
    context.roundRect(left, top, length, thickness, thickness / 2);
    context.fill();
    context.globalAlpha = 1;
    context.beginPath();
    context.roundRect(left, top, Math.max(thickness, length * level), thickness, thickness / 2);
    context.fill();
  }
}
