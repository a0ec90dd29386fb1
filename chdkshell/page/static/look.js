// What a camera is set to, in one line: mode, exposure, shots, and what it is busy with.
function shutterText(seconds) {
  if (!seconds) return "";
  return seconds > 0.35 ? `${seconds.toFixed(1)}"` : `1/${Math.round(1 / seconds)}`;
}

export function lookText(camera) {
  const set = camera?.look;
  if (!set) return camera?.busy ?? "";
  const mode = set.record ? (set.video ? "VIDEO" : set.mode || "REC") : "PLAY";
  const exposure = set.record ? [shutterText(set.shutter), set.aperture && `f/${set.aperture.toFixed(1)}`, set.iso && `ISO ${set.iso}`] : [];
  return [mode, ...exposure, `#${set.shots}`, camera.busy].filter(Boolean).join(" · ");
}
