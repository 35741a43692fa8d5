import type { MediaFacts } from "../../../shared/lib/upload";

const PATIENCE_MS = 3_000;

/** What a video says of itself, so that its place in the conversation is known before it is loaded. */
export function factsOf(file: File): Promise<MediaFacts> {
  if (!file.type.startsWith("video/")) return Promise.resolve({});
  const video = document.createElement("video");
  const url = URL.createObjectURL(file);
  return new Promise<MediaFacts>((resolve) => {
    const timer = setTimeout(() => resolve({}), PATIENCE_MS);
    const done = (facts: MediaFacts) => {
      clearTimeout(timer);
      resolve(facts);
    };
    video.onerror = () => done({});
    video.onloadedmetadata = () => {
      const { videoWidth: width, videoHeight: height, duration } = video;
      if (width === 0 || height === 0) return done({});
      done({ width, height, ...(Number.isFinite(duration) && { durationMs: Math.round(duration * 1_000) }) });
    };
    video.preload = "metadata";
    video.src = url;
  }).finally(() => URL.revokeObjectURL(url));
}
