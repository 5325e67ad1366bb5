/**
 * 手机本身：相机、定位、存储保护、时钟、网络、电量、锁、标签页之间的喇叭。
 *
 * 别处一律从 `device()` 拿，不直接碰 navigator；换成原生外壳时用 `useDevice` 换掉其中几样。
 */
import { webBattery, type Battery } from './battery'
import { webCamera, type Camera } from './camera'
import { webChannel, type Channel } from './channel'
import { webClock, type Clock } from './clock'
import { webLocator, type Locator } from './location'
import { webLocks, type Locks } from './locks'
import { webNetwork, type Network } from './network'
import { webPictures, type Pictures } from './pictures'
import { webRescue, type Rescue } from './rescue'
import { webStorage, type Storage } from './storage'

export interface Device {
  camera: Camera
  locator: Locator
  storage: Storage
  clock: Clock
  network: Network
  battery: Battery
  locks: Locks
  channel: Channel
  pictures: Pictures
  rescue: Rescue
  agent: string
}

let current: Device | null = null

export function device(): Device {
  current ??= {
    camera: webCamera,
    locator: webLocator,
    storage: webStorage,
    clock: webClock,
    network: webNetwork,
    battery: webBattery,
    locks: webLocks,
    channel: webChannel(),
    pictures: webPictures,
    rescue: webRescue,
    agent: navigator.userAgent,
  }
  return current
}

/** 换掉其中几样；测试和原生外壳用。 */
export function useDevice(parts: Partial<Device>): void {
  current = { ...device(), ...parts }
}
