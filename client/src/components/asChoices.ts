import type { Choice } from "./SoundMenu";

/** Devices as a menu shows them; a browser that hides a name leaves a number. */
export const asChoices = (devices: readonly MediaDeviceInfo[]): Choice[] =>
  devices.map((device, index) => ({
    id: device.deviceId,
    label: device.label || `Device ${index + 1}`,
  }));
