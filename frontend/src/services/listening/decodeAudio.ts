import { SAMPLE_RATE } from "./waveform";

/** A recording as the browser made it → mono samples at 16 kHz. Rejects when the browser cannot open it. Not in Node. */
export async function decodeAudio(recording: Blob): Promise<Float32Array> {
  const context = new OfflineAudioContext(1, 1, SAMPLE_RATE); // it decodes to its own rate
  const audio = await context.decodeAudioData(await recording.arrayBuffer());
  const channels = Array.from({ length: audio.numberOfChannels }, (_, channel) => audio.getChannelData(channel));
  return new Float32Array(audio.length).map((_, place) => channels.reduce((sum, channel) => sum + (channel[place] ?? 0), 0) / channels.length);
}
