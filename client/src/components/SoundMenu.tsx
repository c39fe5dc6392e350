/** Which microphone, which loudspeaker, which way to connect. */

import { Check, ChevronDown, SlidersHorizontal } from "lucide-react";
import { Popover, Select } from "radix-ui";

import type { TransportChoice } from "../core/preferences";
import dock from "./Dock.module.css";
import styles from "./SoundMenu.module.css";

export interface Choice {
  id: string;
  label: string;
}

interface Props {
  microphones: readonly Choice[];
  microphoneId: string;
  onMicrophone: (id: string) => void;
  speakers: readonly Choice[];
  speakerId: string;
  onSpeaker: (id: string) => void;
  transport: TransportChoice;
  /** Null while a call is up: it cannot change its way. */
  onTransport: ((transport: TransportChoice) => void) | null;
}

const TRANSPORTS: readonly (Choice & { id: TransportChoice })[] = [
  { id: "auto", label: "Automatic" },
  { id: "webrtc", label: "WebRTC" },
  { id: "websocket", label: "WebSocket" },
];

export function SoundMenu(props: Props) {
  return (
    <Popover.Root>
      <Popover.Trigger asChild>
        <button
          type="button"
          className={dock.round}
          aria-label="Sound settings"
          data-testid="settings-button"
        >
          <SlidersHorizontal size={22} aria-hidden="true" />
        </button>
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Content
          className={styles.menu}
          sideOffset={12}
          collisionPadding={12}
          aria-label="Sound settings"
        >
          <Field
            label="Microphone"
            choices={props.microphones}
            value={props.microphoneId}
            onChange={props.onMicrophone}
          />
          <Field
            label="Loudspeaker"
            choices={props.speakers}
            value={props.speakerId}
            onChange={props.onSpeaker}
          />
          {props.onTransport && (
            <Field
              label="Connection"
              choices={TRANSPORTS}
              value={props.transport}
              onChange={(id) => props.onTransport?.(id as TransportChoice)}
            />
          )}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

interface FieldProps {
  label: string;
  choices: readonly Choice[];
  value: string;
  onChange: (id: string) => void;
}

function Field({ label, choices, value, onChange }: FieldProps) {
  return (
    <div className={styles.field}>
      <span className={styles.label}>{label}</span>
      <Select.Root value={value} onValueChange={onChange} disabled={choices.length < 2}>
        <Select.Trigger className={styles.trigger} aria-label={label}>
          <span className={styles.value}>
            <Select.Value placeholder={choices[0]?.label ?? "The system's own"} />
          </span>
          <Select.Icon>
            <ChevronDown size={18} aria-hidden="true" />
          </Select.Icon>
        </Select.Trigger>
        <Select.Portal>
          <Select.Content className={styles.list} position="popper" sideOffset={6}>
            <Select.Viewport>
              {choices.map((choice) => (
                <Select.Item key={choice.id} value={choice.id} className={styles.item}>
                  <Select.ItemText>{choice.label}</Select.ItemText>
                  <Select.ItemIndicator>
                    <Check size={18} aria-hidden="true" />
                  </Select.ItemIndicator>
                </Select.Item>
              ))}
            </Select.Viewport>
          </Select.Content>
        </Select.Portal>
      </Select.Root>
    </div>
  );
}
