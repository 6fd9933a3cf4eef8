import { describe, expect, it } from '@jest/globals'
import { parseDemoOptions } from './demo-options.js'
import { summarize } from './demo-result.js'
import { LatencyHistogram } from './latency-histogram.js'
import { renderLine, renderLive, repaint } from './live-view.js'
import { LoadRecord } from './load-record.js'
import { RevisionTrack } from './revision-track.js'

describe('LatencyHistogram', () => {
  it('gives percentiles within 3.2 % of the exact ones, never below', () => {
    const histogram = new LatencyHistogram()
    for (let i = 1; i <= 1000; i++) histogram.record(i / 10)
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const found = histogram.percentile(share)
      expect(found).toBeGreaterThanOrEqual(share * 100)
      expect(found).toBeLessThanOrEqual(share * 100 * 1.032)
    }
  })

  it('is 0 without a request, and holds what is out of its range', () => {
    const histogram = new LatencyHistogram()
    expect(histogram.percentile(0.5)).toBe(0)
    histogram.record(0)
    histogram.record(1e12)
    expect(histogram.percentile(0.5)).toBeCloseTo(0.001, 3)
    expect(histogram.percentile(1)).toBeGreaterThan(3_600_000)
  })
})

describe('LoadRecord', () => {
  it('counts a request in the second in which it was sent', () => {
    const record = new LoadRecord()
    record.add(999, 500, 'v1')
    record.add(1000, 1, 'v2')
    record.add(2500, 1, null)
    record.add(2600, 1, 'v3')
    expect(record.report(4).seconds).toEqual([
      { v1: 1, v2: 0, failed: 0 },
      { v1: 0, v2: 1, failed: 0 },
      { v1: 0, v2: 0, failed: 2 },
      { v1: 0, v2: 0, failed: 0 },
    ])
  })
})

describe('RevisionTrack', () => {
  it('knows what an agent ran at a time', () => {
    const track = new RevisionTrack()
    track.add(0, '1.0.4')
    track.add(100, '1.0.5')
    track.add(200, '12.0.5')
    track.add(300, 'nonsense')
    expect([track.at(-1), track.at(0), track.at(199), track.at(200), track.now]).toEqual([0, 1, 1, 12, 12])
  })
})

describe('summarize', () => {
  it('adds up the seconds; shares are of the answered requests', () => {
    const seconds = [
      { v1: 95, v2: 5, failed: 0 },
      { v1: 50, v2: 50, failed: 10 },
    ]
    const fleet = { revision: 2, agents: 4, converged: 4 }
    expect(summarize({ seconds, p50Ms: 1, p99Ms: 2 }, fleet, (second) => second + 1)).toEqual({
      revision: 2,
      agents: 4,
      converged: 4,
      requests: 210,
      failed: 10,
      split: { v1: 0.725, v2: 0.275 },
      p50Ms: 1,
      p99Ms: 2,
      timeline: [
        { second: 0, revision: 1, v1: 95, v2: 5, failed: 0 },
        { second: 1, revision: 2, v1: 50, v2: 50, failed: 10 },
      ],
    })
  })

  it('has no share of nothing', () => {
    const nothing = summarize({ seconds: [], p50Ms: 0, p99Ms: 0 }, { revision: 0, agents: 4, converged: 0 }, () => 0)
    expect(nothing.split).toEqual({ v1: 0, v2: 0 })
  })
})

describe('the live view', () => {
  const state = {
    second: 7,
    counts: { v1: 95, v2: 5, failed: 0 },
    p50Ms: 0.5,
    p99Ms: 2,
    requests: 800,
    failed: 0,
    revision: 3,
    agents: 4,
    converged: 4,
  }

  it('shows split, requests, errors, latency, revision, agents and what to try', () => {
    const picture = renderLive(state, ['npx fairlead get all'])
    for (const part of [
      '95.0 %',
      '5.0 %',
      '800 (100/s)',
      'errors  0',
      'p99 2.00 ms',
      'revision  3',
      '4/4',
      'fairlead get',
    ]) {
      expect(picture).toContain(part)
    }
    expect(renderLine({ ...state, counts: { v1: 0, v2: 0, failed: 9 } })).toContain('v1 - v2 -')
  })

  it('paints over as many lines as it painted before', () => {
    expect(repaint('', 'a\nb\n')).toBe('\u001b[0Ja\nb\n')
    expect(repaint('a\nb\n', 'c\n')).toBe('\u001b[2A\u001b[0Jc\n')
  })
})

describe('parseDemoOptions', () => {
  it('runs until Ctrl-C by default', () => {
    expect(parseDemoOptions([])).toEqual({ seconds: null, json: false, controllerOnly: false, stateDir: null })
  })

  it('takes its flags', () => {
    expect(parseDemoOptions(['--seconds', '20', '--json', '--state-dir', 'x'])).toEqual({
      seconds: 20,
      json: true,
      controllerOnly: false,
      stateDir: 'x',
    })
  })

  it.each([
    [['--seconds', '0'], 'expected a whole number'],
    [['--seconds', 'x'], 'expected a whole number'],
    [['--json'], '--json needs --seconds'],
    [['--controller-only', '--seconds', '3'], 'no --seconds'],
    [['--nope'], 'Unknown option'],
    [['word'], 'Unexpected argument'],
  ])('refuses %p', (args, message) => {
    expect(() => parseDemoOptions(args)).toThrow(message)
  })
})
