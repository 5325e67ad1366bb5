/** 电量：0～100 的整数；浏览器不说就是 null。 */
export interface Battery {
  level(): Promise<number | null>
}

interface BatteryNavigator {
  getBattery?: () => Promise<{ level: number }>
}

export const webBattery: Battery = {
  async level() {
    try {
      const battery = await (navigator as BatteryNavigator).getBattery?.()
      return battery ? Math.round(battery.level * 100) : null
    } catch {
      return null
    }
  },
}
