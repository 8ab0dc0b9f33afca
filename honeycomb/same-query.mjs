const defaults = { filter_combination: 'AND', granularity: 0, time_range: 7200 }

/** Honeycomb leaves out default values, and does not promise the order of filters. */
export function sameQuery(one, other) {
  return JSON.stringify(canonical(one)) === JSON.stringify(canonical(other))
}

function canonical({ id: _id, ...query }) {
  const orders = query.orders?.map(({ order, ...rest }) => ({ ...rest, order: order ?? 'ascending' }))
  const filters = query.filters?.map((filter) => JSON.stringify(sorted(filter))).sort()
  return sorted({ ...query, orders, filters })
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => !isEmpty(inner) && inner !== defaults[key])
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

function isEmpty(value) {
  return value === null || value === undefined || value.length === 0
}
