// Three years from the purchase, as a date.
export default function warranty({ purchased }) {
  const end = new Date(`${purchased}T00:00:00Z`);
  end.setUTCFullYear(end.getUTCFullYear() + 3);
  return end.toISOString().slice(0, 10);
}
