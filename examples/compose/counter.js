/** A component of compose that remembers in its state how often it was deployed. */
module.exports = class Counter {
  constructor(_id, context) {
    this.context = context
  }

  async deploy() {
    this.context.startProgress('deploying')
    this.context.state = { deployments: (this.context.state.deployments ?? 0) + 1 }
    await this.context.save()
    await this.context.updateOutputs({ deployments: String(this.context.state.deployments) })
    this.context.successProgress('deployed')
  }
}
