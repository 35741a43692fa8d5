import { useCallback, useEffect, useRef, useState } from "react";

/** As long as a voice message may be; then it ends by itself. */
const LONGEST_MS = 15 * 60_000;
const TYPES = ["audio/webm;codecs=opus", "audio/mp4", "audio/webm"];

export interface Voice {
  /** Whether this browser can record at all. */
  supported: boolean;
  /** Milliseconds since 1970 at which the recording began; null when there is none. */
  since: number | null;
  /** Fails when the person or the system does not give the microphone. */
  start(): Promise<void>;
  /** Ends the recording and hands it over. */
  finish(): void;
  cancel(): void;
}

/** Records what is said. */
export function useVoice(onRecorded: (file: File, durationMs: number) => void): Voice {
  const [since, setSince] = useState<number | null>(null);
  const recording = useRef<{ recorder: MediaRecorder; kept: boolean } | null>(null);
  const recorded = useRef(onRecorded);
  useEffect(() => {
    recorded.current = onRecorded;
  });

  const end = useCallback((kept: boolean) => {
    const now = recording.current;
    if (!now) return;
    recording.current = null;
    now.kept = kept;
    setSince(null);
    now.recorder.stop();
  }, []);
  useEffect(() => () => end(false), [end]);

  const start = useCallback(async () => {
    const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type)) ?? "";
    const recorder = new MediaRecorder(stream, { mimeType });
    const mine = { recorder, kept: false };
    const parts: Blob[] = [];
    const began = Date.now();
    const timer = setTimeout(() => end(true), LONGEST_MS);
    recorder.ondataavailable = ({ data }) => parts.push(data);
    recorder.onstop = () => {
      clearTimeout(timer);
      for (const track of stream.getTracks()) track.stop();
      if (!mine.kept) return;
      const type = recorder.mimeType;
      const name = `voice-message.${type.includes("mp4") ? "m4a" : "webm"}`;
      recorded.current(new File(parts, name, { type }), Date.now() - began);
    };
    recording.current = mine;
    recorder.start(1_000);
    setSince(began);
  }, [end]);

  const finish = useCallback(() => end(true), [end]);
  const cancel = useCallback(() => end(false), [end]);
  const supported = typeof MediaRecorder !== "undefined" && "mediaDevices" in navigator;
  return { supported, since, start, finish, cancel };
}
