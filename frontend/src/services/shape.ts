/** As much of JSON Schema as the protocol is written in. */
export type Shape = {
  readonly $ref?: string;
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly oneOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  /** Of fields that have no shape of their own; absent: anything, because newer servers say more. */
  readonly additionalProperties?: Shape;
  readonly required?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
};

export type Definitions = Readonly<Record<string, Shape>>;

const REFERENCE = "#/$defs/";

/** Whether a value has a shape. */
export function fits(value: unknown, shape: Shape, definitions: Definitions): boolean {
  if (shape.$ref !== undefined) {
    const named = definitions[shape.$ref.slice(REFERENCE.length)];
    return named !== undefined && fits(value, named, definitions);
  }
  const choices = shape.anyOf ?? shape.oneOf;
  if (choices !== undefined) return choices.some((choice) => fits(value, choice, definitions));
  if (shape.const !== undefined && value !== shape.const) return false;
  if (shape.enum !== undefined && !shape.enum.includes(value)) return false;
  return hasType(value, shape, definitions);
}

function hasType(value: unknown, shape: Shape, definitions: Definitions): boolean {
  switch (shape.type) {
    case undefined:
      return true;
    case "object":
      return isObject(value) && hasFields(value, shape, definitions);
    case "array":
      return Array.isArray(value) && value.every((item) => shape.items === undefined || fits(item, shape.items, definitions));
    case "number":
      return typeof value === "number" && isWithin(value, shape);
    case "integer":
      return Number.isInteger(value) && isWithin(Number(value), shape);
    case "null":
      return value === null;
    default:
      return typeof value === shape.type;
  }
}

function hasFields(value: Readonly<Record<string, unknown>>, shape: Shape, definitions: Definitions): boolean {
  const { properties = {}, required = [], additionalProperties = {} } = shape;
  const isComplete = required.every((name) => Object.hasOwn(value, name));
  const hasKnown = Object.entries(value).every(([name, inner]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return fits(inner, known ?? additionalProperties, definitions);
  });
  return isComplete && hasKnown;
}

function isWithin(value: number, { minimum = -Infinity, maximum = Infinity }: Shape): boolean {
  return value >= minimum && value <= maximum;
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
