/** Why there is nothing to hear from the microphone. */
export type MicrophoneProblem = "denied" | "missing" | "taken" | "unsupported";

/** Browsers improve speech for telephones, which changes the very sounds that are to be judged. */
const AS_IT_IS = { channelCount: 1, echoCancellation: false, noiseSuppression: false, autoGainControl: false };

/**
 * The sound of a microphone; of the usual one when the chosen one is gone.
 * Rejects as `getUserMedia` does: `problemOf` tells why.
 */
export async function openMicrophone(deviceId: string): Promise<MediaStream> {
  const devices = microphones();
  if (deviceId === "") return devices.getUserMedia({ audio: AS_IT_IS });
  try {
    return await devices.getUserMedia({ audio: { ...AS_IT_IS, deviceId: { exact: deviceId } } });
  } catch (error) {
    if (!isNamed(error, "OverconstrainedError", "NotFoundError")) throw error;
    return devices.getUserMedia({ audio: AS_IT_IS });
  }
}

export function problemOf(error: unknown): MicrophoneProblem {
  if (isNamed(error, "NotAllowedError", "SecurityError")) return "denied";
  if (isNamed(error, "NotFoundError", "OverconstrainedError")) return "missing";
  if (isNamed(error, "NotReadableError", "AbortError")) return "taken";
  return "unsupported";
}

/** Lets go of a microphone: its light goes out. */
export function release(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

/** Absent on pages that are not secure, whatever the types say. */
function microphones(): MediaDevices {
  const devices: MediaDevices | undefined = navigator.mediaDevices;
  if (devices === undefined || typeof MediaRecorder === "undefined") throw new TypeError("no microphones here");
  return devices;
}

function isNamed(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof DOMException && names.includes(error.name);
}
