const NOTES_HZ = [660, 880];
const NOTE_S = 0.12;
const LOUDNESS = 0.08;

/** Two soft notes. Browsers play nothing before the person has touched the page, and that is no error. */
export function playChime(): void {
  const context = new AudioContext();
  if (context.state === "suspended") {
    void context.close();
    return;
  }
  const gain = context.createGain();
  gain.connect(context.destination);
  NOTES_HZ.forEach((hertz, index) => {
    const start = context.currentTime + index * NOTE_S;
    const note = context.createOscillator();
    note.frequency.value = hertz;
    note.connect(gain);
    gain.gain.setValueAtTime(LOUDNESS, start);
    gain.gain.exponentialRampToValueAtTime(0.001, start + NOTE_S);
    note.start(start);
    note.stop(start + NOTE_S);
    if (index === NOTES_HZ.length - 1) note.onended = () => void context.close();
  });
}
