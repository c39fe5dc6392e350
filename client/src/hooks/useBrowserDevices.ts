import { useEffect, useState } from "react";

interface BrowserDevices {
  microphones: MediaDeviceInfo[];
  speakers: MediaDeviceInfo[];
}

const NONE: BrowserDevices = { microphones: [], speakers: [] };

/** What can be chosen before a call; nothing until the page has been allowed a microphone once. */
export function useBrowserDevices(): BrowserDevices {
  const [devices, setDevices] = useState(NONE);

  useEffect(() => {
    const media = navigator.mediaDevices;
    if (!media) return;
    let isWanted = true;
    const update = async () => {
      const known = (await media.enumerateDevices()).filter((device) => device.deviceId !== "");
      if (!isWanted) return;
      setDevices({
        microphones: known.filter((device) => device.kind === "audioinput"),
        speakers: known.filter((device) => device.kind === "audiooutput"),
      });
    };
    void update();
    media.addEventListener("devicechange", update);
    return () => {
      isWanted = false;
      media.removeEventListener("devicechange", update);
    };
  }, []);

  return devices;
}
